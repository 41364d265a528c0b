## 명령과 그 설명 (플랫폼의 명령 목록에 보여요)

command-start = 분리 소개
command-help = 쓰는 방법과 모든 명령
command-guide = 물건 버리는 방법 찾기
command-labels = 열두 가지 분류에서 고르기
command-generate = 분류 하나를 AI 그림으로 보기
command-lang = 언어 바꾸기
command-region = 지역 바꾸기
command-privacy = 개인정보를 다루는 방법
command-consent = 사진 보관 동의 바꾸기
command-mydata = 저장된 내 정보 보기
command-forget = 내 정보 모두 지우기
command-report = 문제 알리기
command-stats = 최근 30일 현황
command-classify = 사진 속 물건이 무엇인지 알아보기

discord-name-start = 소개
discord-name-help = 도움말
discord-name-guide = 안내
discord-name-labels = 분류
discord-name-generate = 그림
discord-name-lang = 언어
discord-name-region = 지역
discord-name-privacy = 개인정보
discord-name-consent = 동의
discord-name-mydata = 내정보
discord-name-forget = 지우기
discord-name-report = 신고
discord-name-stats = 현황
discord-name-classify = 알아보기

discord-option-photo = 사진
    .description = 버릴 물건 하나가 잘 보이는 사진
discord-option-label = 종류
    .description = 열두 가지 분류 가운데 하나
discord-option-thing = 물건
    .description = 버릴 물건의 이름
discord-option-text = 내용
    .description = 운영자에게 전할 말
discord-option-language = 언어
    .description = 한국어 또는 영어
discord-option-region = 지역
    .description = 버리는 곳
discord-option-count = 장수
    .description = 그림 장수
discord-option-seed = 번호
    .description = 같은 그림을 다시 볼 때의 번호
discord-menu-classify = 분리배출 알아보기

classify-how = 사진에 답장으로 /classify를 보내 주세요
    .help = 또는 사진을 바로 보내거나 물건 이름을 적어 주세요.
