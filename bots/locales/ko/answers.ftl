## 사진에 대한 답

# 숫자를 말로 옮긴 것. 높은 쪽부터.
sureness-certain = 거의 확실해요
sureness-likely = 아마 맞을 거예요
sureness-unsure = 확실하지 않아요

caution-unsure = AI가 틀렸을 수 있어요. 실제 물건과 맞는지 한 번 더 봐 주세요.

answer-other = 이게 아니에요

ask-headline = 무엇에 더 가까운가요?
ask-detail = 사진만으로는 가리기 어려워요. 물건과 가장 가까운 것을 골라 주세요.
ask-none = 여기 없어요

not-waste-headline = 버릴 물건을 찾지 못했어요
not-waste-detail = 물건이 작거나 다른 것이 함께 찍혔을 수 있어요. 다시 찍거나 직접 골라 주세요.
not-waste-choose = 직접 고를게요

labels-headline = 어떤 물건인가요?
labels-detail = 열두 가지 가운데 하나를 고르면 버리는 방법을 알려 드려요.

retake-title = 이렇게 찍으면 더 잘 알아봐요
retake-close = 물건 하나만 화면에 가득 차게 찍어요.
retake-light = 밝은 곳에서, 단순한 바닥에 놓고 찍어요.
retake-side = 앞면이 보이게 찍고, 흔들리지 않게 잡아요.

hazard-battery-is = 먼저 확인하세요: 배터리에서 불이 날 수 있어요
hazard-battery-may = 먼저 확인하세요: 배터리가 들어 있을 수 있어요

notice-first_frame_only = 움직이는 사진은 첫 장면만 봤어요.
notice-low_resolution = 사진이 작아서 덜 정확할 수 있어요.
notice-made-by-bunri = 제가 AI로 그린 그림이에요. 실제 사진이 아니라서 보관하지 않아요.
notice-made-by-ai = AI가 만들었다고 표시된 그림이에요. 실제 사진이 아니라서 보관하지 않아요.

guide-general = 일반적인 안내예요. 사는 곳의 규칙이 다르면 그 규칙을 따라 주세요.
guide-missing = 이 분류의 안내문이 아직 없어요. 사는 곳의 구청이나 시청에 문의해 주세요.
deposit = { $currency ->
        [KRW] { $amount }원
       *[other] { $amount } { $currency }
    }
