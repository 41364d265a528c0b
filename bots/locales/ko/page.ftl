## 웹 페이지

page-title = 분리 — 이건 어떻게 버려요?
page-description = 사진을 올리면 무엇인지, 어떻게 버리는지, 무엇이 되는지 알려 드려요.
page-brand = 분리
page-brand-note = Bunri
page-skip = 본문으로 바로 가기
page-language = 언어
page-region = 지역
region-elsewhere = 그 밖의 나라

page-question = 이건 어떻게 버려요?
page-lead = 사진을 보여 주세요. 무엇인지, 어디에 어떻게 버리는지, 나중에 무엇이 되는지 알려 드려요.

page-tabs = 묻는 방법
page-tab-photo = 사진
page-tab-camera = 카메라
page-tab-generate = 그림 만들기

page-drop = 사진을 여기에 끌어다 놓으세요
page-choose = 사진 고르기
page-paste = 복사한 사진은 Ctrl+V로 붙여 넣어도 돼요.
page-limits = 한 번에 { $photos }장, 한 장에 { $megabytes } MB까지 · JPEG, PNG, WebP, HEIC, AVIF, GIF
page-too-many = 한 번에 { $photos }장까지 볼 수 있어요. 나머지는 그다음에 올려 주세요.

page-camera-intro = 카메라를 켜고, 물건 하나를 화면에 가득 담아 주세요.
page-camera-start = 카메라 켜기
page-camera-view = 카메라 화면
page-camera-take = 찍기
page-camera-switch = 카메라 바꾸기
page-camera-stop = 카메라 끄기
page-camera-on = 카메라가 켜졌어요.
page-camera-refused = 카메라를 쓸 수 없게 되어 있어요. 브라우저 주소창의 카메라 설정에서 허용한 뒤 다시 켜 주세요.
page-camera-absent = 이 기기에서 카메라를 찾지 못했어요. 사진을 골라서 올려 주세요.
page-camera-in-use = 다른 프로그램이 카메라를 쓰고 있어요. 그 프로그램을 닫고 다시 켜 주세요.
page-camera-insecure = 이 주소에서는 브라우저가 카메라를 막아요. https 주소로 열거나 사진을 골라서 올려 주세요.
page-camera-failed = 카메라를 켜지 못했어요. 다시 해 보거나 사진을 골라서 올려 주세요.

page-generate-title = 무엇을 그릴까요?
page-generate-text = 고르신 분류의 그림을 AI가 넷 그려요. 실제 사진이 아니고, 실제 물건과 다를 수 있어요.
page-gallery = 이 서버의 AI가 그린 예시예요. 누르면 새 그림을 넷 그려 드려요.
page-gallery-made = AI 생성

page-privacy = 사진은 답하는 동안만 메모리에 두고, 저장하지 않아요.
privacy-of-page-with-consent = 사진은 답하는 동안만 메모리에 둬요. 동의하신 경우에만 보관해요.

page-words = 이름으로도 물어볼 수 있어요
page-words-example = 예: 우유팩, 피자 상자
page-words-ask = 물어보기
page-words-empty = 물건 이름을 먼저 적어 주세요. 예: 우유팩
page-asked = 물어본 말
page-receipt = 접수 번호
page-save = 저장하기
page-share = 이 그림의 주소
page-about = 내 정보와 안내
page-about-privacy = 개인정보 안내
page-about-mydata = 저장된 내 정보
page-about-forget = 내 정보 모두 지우기
page-about-report = 문제 알리기
page-about-stats = 현황

page-results = 결과
page-clear = 모두 지우기
page-photo = 보낸 사진
page-no-preview = 미리 볼 수 없는 사진
page-looking = 살펴보고 있어요…
page-waiting = 차례를 기다리고 있어요…
page-confidence = 확신도
page-others = 다른 후보
page-guide = 버리는 방법

page-network-title = 연결이 끊겼어요
page-network-help = 인터넷 연결을 확인하고 다시 해 주세요.
page-retry = 다시 하기

page-footer = AI의 답은 틀릴 수 있어요. 규칙이 다르면 사는 곳의 안내를 따라 주세요.
page-noscript = 이 페이지는 자바스크립트가 켜져 있어야 사진을 볼 수 있어요. 브라우저 설정에서 켠 뒤 새로 고쳐 주세요.
