# 열두 가지 분류의 이름. 버튼에도 쓰므로 짧게 적어요.
label-battery = 건전지·배터리
label-biological = 음식물 쓰레기
label-brown-glass = 갈색 유리병
label-cardboard = 종이 상자
label-clothes = 의류
label-green-glass = 초록 유리병
label-metal = 캔·고철
label-paper = 종이
label-plastic = 플라스틱
label-shoes = 신발
label-trash = 일반쓰레기
label-white-glass = 투명 유리병
