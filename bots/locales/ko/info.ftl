## 소개, 도움말, 개인정보

start = 안녕하세요, 분리예요
    .detail = 버릴 물건의 사진을 보내 주세요. 무엇인지, 어떻게 버리는지, 나중에 무엇이 되는지 알려 드려요.
start-how = 사진을 보내거나 물건 이름을 적어 주세요. 예: 우유팩, 깨진 그릇, 보조배터리
start-groups = 단체방에서는 사진에 답장으로 /classify를 보내거나 저를 불러 주세요. 부르지 않은 사진은 보지 않아요.
start-notice = 더 나은 답을 위해 질문과 답을 기록해요. 이름과 사진은 기록하지 않아요. 자세히: /privacy
start-notice-with-photos = 더 나은 답을 위해 질문과 답을 이름 없이 기록하고, 동의하신 분의 사진을 보관해요. 자세히: /privacy
start-age = 만 14세부터 쓸 수 있어요.

help = 이렇게 쓸 수 있어요
help-command = /{ $name } — { $meaning }

privacy = 개인정보는 이렇게 다뤄요
privacy-photos-never = 사진은 답하는 동안만 메모리에 두고, 저장하지 않아요.
privacy-photos-consent = 사진은 답하는 동안만 메모리에 둬요. 동의하신 분의 사진만 촬영 정보를 지우고 암호화해서 보관하고, 인식을 개선하는 데 써요. 동의는 언제든 /consent에서 거둘 수 있어요.
privacy-log = 기록하는 것: 시각, 플랫폼, 사람을 바로 알아볼 수 없게 바꾼 번호, 언어와 지역, 분류 결과, 걸린 시간, 맞다·틀리다는 의견, 보내 주신 신고. 이름, 사진 설명, 검색한 글은 기록하지 않아요.
privacy-time = 질문과 답의 기록은 정해진 기간이 지나면 지워요(기본 180일). 아직 답하지 못한 메시지는 암호화해 두었다가 답하면 바로 지워요.
privacy-others = 기록은 다른 곳에 넘기지 않아요.
privacy-rights = 저장된 것 보기: /mydata · 모두 지우기: /forget · 사진 보관 동의: /consent
contact = 문의: { $address }
contact-report = 문의와 신고: /report 뒤에 내용을 적어 주세요.

only-private = 일대일 대화에서만 알려 드려요
    .detail = 저에게 개인 메시지로 같은 명령을 보내 주세요.

language-ko = 한국어
language-en = English
language-which = 어떤 언어로 알려 드릴까요?
language-set = 이제 한국어로 알려 드릴게요.
region-which = 어디에서 버리시나요?
    .detail = 지금은 { $place } 기준이에요.
region-set = 이제 { $place } 기준으로 알려 드릴게요.

consent-question = 보내는 사진을 보관해도 될까요?
    .detail = 동의하시면 앞으로 보내는 사진을 촬영 정보를 지우고 암호화해서 보관해요. 사진은 사람이 확인하고, 인식을 개선하는 데만 써요.
consent-later = 동의하지 않아도 그대로 쓸 수 있어요. 나중에 /consent에서 바꿀 수 있고, 거두면 보관한 사진을 지워요.
consent-yes = 동의해요
consent-no = 동의하지 않아요
consent-given = 고마워요. 지금부터 보내는 사진을 보관할게요.
    .detail = 얼굴이나 주소가 나오지 않게 물건만 찍어 주세요. 언제든 /consent에서 그만둘 수 있어요.
consent-refused = { $photos ->
        [0] 알겠어요. 사진을 보관하지 않아요.
       *[other] 알겠어요. 보관한 사진 { $photos }장을 지웠어요.
    }
    .detail = 마음이 바뀌면 /consent를 보내 주세요.
consent-now-yes = 지금은 동의하신 상태예요.
consent-now-no = 지금은 사진을 보관하지 않아요.
consent-never = 여기서는 사진을 보관하지 않아요
    .detail = 그래서 따로 동의하지 않으셔도 돼요. 사진은 답하고 나면 사라져요.

mydata = 저장된 내 정보
    .detail = 이름 대신 누구인지 바로 알 수 없는 번호로 저장돼 있어요. 모두 지우려면 /forget을 보내 주세요.
mydata-nothing = 저장된 것이 없어요.
mydata-unset = 고르지 않음
mydata-language = 언어: { $language }
mydata-region = 지역: { $place }
mydata-consent-unasked = 사진 보관: 물어본 적 없음
mydata-consent-asked = 사진 보관: 대답하지 않음
mydata-consent-given = 사진 보관: 동의함
mydata-consent-refused = 사진 보관: 동의하지 않음
mydata-queries = 질문과 답: { $count }건
mydata-feedback = 맞다·틀리다 의견: { $count }건
mydata-reports = 신고: { $count }건
mydata-photos = 보관한 사진: { $count }장
mydata-latest = 최근 질문
mydata-query = { $date } · { $label } · { $number }
mydata-no-label = 분류 없음

forget-sure = 모두 지울까요?
    .detail = 질문과 답 { $queries }건, 보관한 사진 { $photos }장, 설정과 의견, 신고를 모두 지워요. 되돌릴 수 없어요.
forget-yes = 모두 지워 주세요
forget-no = 그대로 둘게요
forget-kept = 그대로 두었어요.
forget-done = 모두 지웠어요
    .detail = 기록 { $rows }건과 사진 { $photos }장을 지웠어요.
forget-honest = 이미 학습한 모델에서 사진 한 장만 빼낼 수는 없지만, 다음 학습에는 쓰이지 않아요.

report-how = 무엇이 잘못됐나요?
    .detail = 이렇게 적어 주세요: /report 플라스틱 안내가 우리 동네와 달라요
report-thanks = 알려 주셔서 고마워요. 운영자에게 전할게요.

stats = 분리 현황
    .detail = 최근 { $days }일
stats-queries = 질문 { $count }건
stats-right = 의견을 준 답 { $count }건 가운데 { $percent }%가 맞았어요
stats-speed = 답하는 데 보통 { $milliseconds }밀리초가 걸렸어요
stats-labels = 많이 물어본 것: { $labels }
stats-label = { $name } { $count }건
stats-relabelled = 사람이 다시 확인한 사진 { $count }장에서 그렇게 말해 맞은 수:
stats-precision = { $name } { $count }장 가운데 { $right }장
