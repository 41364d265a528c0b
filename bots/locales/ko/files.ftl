## 파일을 열지 못한 까닭 (명령줄)

file-not_found = 그런 파일이 없어요
    .help = 파일 이름과 위치를 확인해 주세요.
file-unreadable = 파일을 열 수 없어요
    .help = 읽을 권한이 있는지 확인해 주세요.
