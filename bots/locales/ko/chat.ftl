## 대화

# 사진 답
answer-right = 맞아요
chat-score = { $name } { $percent }%
chat-scores = 확신도: { $first }
chat-others = 다른 후보: { $others }
ask-several = 여러 가지예요
ask-unseen = 잘 안 보여요

album-headline = { $number }. { $text }
album-button = { $number }. { $text }
album-stream = 버리는 곳: { $stream }
album-guide = { $name } 버리는 법

# 고쳐 주기
correct-detail = 맞는 것을 골라 주세요. 다음 답이 더 정확해져요.
thanks = 고마워요!
    .receipt = 접수 번호 { $number }

unfit-none = 열두 가지에 없는 물건인가요?
    .detail = 가장 가까운 것을 고르거나, 물건 이름을 글로 보내 주세요. 예: 우산
unfit-several = 한 번에 하나씩 찍어 주세요
    .detail = 물건을 따로 찍어 보내면 하나씩 알려 드려요. 지금 하나를 골라도 돼요.
unfit-unseen = 다시 찍어 볼까요?
    .detail = 다시 찍어 보내거나, 무엇인지 직접 골라 주세요.

# 안내문의 부분
section-headline = { $name } · { $section }
section-bins = 다른 수거함
section-hazards = 주의
section-steps = 순서
section-condition = 상태
section-parts = 부분별
section-mistakes = 흔한 실수
section-becomes = 무엇이 되나요
section-money = 보증금
section-marks = 표시
section-contacts = 문의처
section-differs = 동네마다 달라요
section-sources = 출처
condition-answer = { $question } — { $answer }

# 물건 찾기
thing-stream = 버리는 곳: { $stream }
search-which = 어떤 것인가요?
    .detail = 찾는 물건을 골라 주세요.
search-other = 여기 없어요
search-nothing = 그 이름으로는 찾지 못했어요
    .detail = 다른 이름으로 적어 주세요(예: 우유팩, 깨진 그릇). 사진을 보내거나 직접 골라도 돼요. 도움말: /help

# 그림
generate-which = 무엇을 그릴까요?
    .detail = 이렇게 적어 주세요: /generate 종이. 그릴 수 있는 것: { $labels }
generate-later = 지금은 그림을 만들 수 없어요
    .detail = 여기에는 그림 모델이 없어요. 버리는 방법은 알려 드릴 수 있어요.
generate-down = 지금은 그림을 만들 수 없어요
    .detail = 잠시 뒤에 다시 해 주세요. 버리는 방법은 지금도 알려 드릴 수 있어요.
generate-busy = 그림을 기다리는 분이 많아요
    .detail = 잠시 뒤에 다시 해 주세요.
generate-most = 한 번에 { $count }장까지 그려요.
generate-number = 숫자가 너무 작아요
    .detail = 장수는 1부터 { $count }까지, 그림 번호는 0부터 { $seed }까지 적을 수 있어요.
generate-unsent = 그림을 여기에 보내지 못했어요. 이 채팅에서 사진을 막아 두었을 수 있어요.
generate-one = { $label } 그림 보기
generate-again = 하나 더
generated = AI가 그린 그림: { $label }
    .detail = 실제 사진이 아니고, 실제 물건과 다를 수 있어요.
generated-caption = AI 생성 그림: { $label } (번호 { $seed })
generated-saved = 저장했어요: { $path }
generated-unsaved = 그림을 저장하지 못했어요: { $reason }

# 너무 많거나 바쁠 때
flood = 잠시 쉬었다 보내 주세요
    .help = 너무 빨리 보내셨어요. { $seconds }초 뒤에 다시 보내 주세요.
busy = 지금은 물어보는 분이 많아요
    .help = 잠시 뒤에 다시 보내 주세요.
failed = 답하지 못했어요
    .help = 죄송해요. 사진이나 글을 한 번 더 보내 주세요.
