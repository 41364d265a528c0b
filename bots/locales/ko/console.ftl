## 터미널에서만 하는 말

console-how = 사진 파일의 경로, 물건 이름, 버튼 번호를 적어 주세요. /quit으로 끝내요.
console-no-photo = 그 파일을 찾지 못했어요
    .help = 경로를 "photo bottle.jpg"처럼 적으면 돼요.
