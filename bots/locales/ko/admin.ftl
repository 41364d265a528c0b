## 관리 페이지

admin-title = 분리 — 사진과 라벨
admin-brand = 분리
admin-brand-note = 사진과 라벨
admin-skip = 본문으로 바로 가기
admin-language = 언어
admin-noscript = 이 페이지는 자바스크립트가 켜져 있어야 해요.

admin-login-title = 로그인
admin-login-help = 운영자가 만들어 준 토큰으로 들어와 주세요. 한 시간 동안 아무것도 하지 않으면 로그아웃돼요.
admin-login-token = 토큰
admin-login-send = 로그인
admin-logout = 로그아웃
admin-signed-in = 로그인: { $name }

admin-parts = 페이지 구성
admin-part-queue = 사진
admin-part-figures = 현황
admin-part-export = 내보내기

admin-filters = 조건
admin-filter-label = 라벨
admin-filter-platform = 플랫폼
admin-filter-language = 답한 언어
admin-filter-any = 모두
admin-filter-since = 이날부터
admin-filter-until = 이날 전까지
admin-filter-margin = 1위와 2위의 차이, 최대 %
admin-filter-disagreement = 주민이 다르게 말한 사진
admin-filter-unlabelled = 아직 라벨이 없는 사진
admin-filter-apply = 보기

admin-platform-telegram = 텔레그램
admin-platform-discord = 디스코드
admin-platform-web = 웹 페이지
admin-platform-console = 터미널

admin-queue-title = 사진, 도움이 큰 것부터
admin-queue-keys = 사진을 고른 뒤 화살표 키로 옮기고, 단추에 적힌 키로 라벨을 붙여요.
admin-queue-loading = 사진을 찾고 있어요…
admin-queue-none = 조건에 맞는 사진이 없어요.
admin-queue-shown = 조건에 맞는 { $total }장 가운데 { $count }장
admin-queue-previous = 이전
admin-queue-next = 다음 사진

admin-tile = 사진 { $count }
admin-tile-guess = 모델: { $label }, { $percent }%
admin-tile-no-guess = 모델의 답이 기록에 남아 있지 않아요
admin-tile-resident = 주민: { $label }
admin-tile-labelled = 라벨: { $label }
admin-tile-rejected = 쓰지 않음: { $label }
admin-tile-skipped = 건너뜀
admin-tile-gone = 더는 보관하지 않는 사진

admin-act-labels = 라벨
admin-act-others = 다른 동작
admin-act-accept = 모델이 맞음
admin-act-skip = 건너뛰기
admin-act-reject = 쓸 수 없음
admin-act-undo = 되돌리기
admin-act-close = 크게 보기
admin-key-enter = Enter
admin-key-space = 스페이스

admin-reject-title = 왜 쓸 수 없는 사진인가요?
admin-reject-help = 내보내지 않고 다시 보여 주지 않아요. 아무도 보지 않은 사진보다 오래 보관하지 않아요.
admin-reject-not_waste = 쓰레기가 아님
admin-reject-unreadable = 알아볼 수 없음
admin-reject-personal = 사람, 주소, 이름이 보임
admin-reject-cancel = 취소
admin-large-title = 크게 본 사진
admin-large-done = 닫기

admin-said-label = { $label }.
admin-said-rejected = 쓰지 않음: { $label }.
admin-said-undone = 되돌렸어요.
admin-said-nothing = 되돌릴 것이 없어요.

admin-figures-title = 현황
admin-count-kept = 보관
admin-count-labelled = 라벨 있음
admin-count-rejected = 쓸 수 없음
admin-count-left = 남음
admin-figures-labels = 라벨별 사진 수
admin-figures-target = { $total }장 가운데 { $count }장
admin-figures-model = 모델
admin-figures-live = 지금 답하는 모델: { $name }
admin-figures-unknown = 알 수 없음
admin-figures-precision = 다시 라벨을 붙인 사진에서 모델이 맞은 비율
admin-figures-precision-help = 학습 자료로 잰 것이 아니에요. 모델이 헷갈린 사진이 먼저 나오므로, 무작위로 뽑은 사진의 비율만 보통 날을 보여 줘요.
admin-figures-no-precision = 아직 다시 라벨을 붙인 사진이 없어요.
admin-figures-column-model = 모델
admin-figures-column-label = 모델의 답
admin-figures-column-all = 전체
admin-figures-column-random = 무작위로 뽑은 것
admin-figures-right = { $total }장 가운데 { $count }장, { $percent }%
admin-figures-random = { $total }장 가운데 { $count }장, { $percent }% ({ $low }~{ $high }%)
admin-figures-no-random = 없음
admin-figures-changes = 모델이 바뀐 기록
admin-figures-no-changes = 아직 없어요.

admin-export-title = 내보내기
admin-export-help = 위 조건에 맞는 사진을 도움이 큰 것부터 { $photos }장까지 zip 파일로 내려받아요. 이름과 까닭, 조건은 계속 남아요. 라벨을 붙인 뒤에는 파일을 지워 주세요.
admin-export-denied = 라벨을 붙이는 역할이에요. 내보내기는 exporter 역할이 할 수 있어요.
admin-export-format = 형식
admin-export-limit = 사진 수, 최대
admin-export-reason = 까닭
admin-export-send = 만들어서 내려받기
admin-export-working = 내보낼 파일을 만들고 있어요…
admin-export-done = { $name } 파일을 내려받았어요.

admin-problem-network = 연결이 끊겼어요. 다시 해 주세요.
