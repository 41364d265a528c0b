## 웹 요청을 받지 못했을 때

refused-bad_request = 요청을 이해하지 못했어요. 페이지를 새로 고쳐 주세요.
refused-not_ours = 페이지가 오래됐어요. 새로 고친 뒤 다시 해 주세요.
refused-not_found = 찾는 것이 여기 없어요.
refused-method = 이 주소에서는 할 수 없는 요청이에요.
refused-too_slow = 사진을 받는 데 너무 오래 걸렸어요. 연결을 확인하고 다시 보내 주세요.
refused-no_length = 보내는 사진의 크기를 알 수 없어요. 다른 방법으로 보내 주세요.
refused-too_much = 한 번에 { $megabytes } MB까지 받을 수 있어요. 나눠서 보내 주세요.
refused-too_many_photos = 한 번에 { $photos }장까지 볼 수 있어요. 나눠서 보내 주세요.
refused-not_multipart = 사진을 올리는 형식이 아니에요.
refused-no_text = 물건 이름을 먼저 적어 주세요.
refused-long_text = 글이 너무 길어요. { $characters }자까지 쓸 수 있어요.
refused-too_often = 조금만 천천히 보내 주세요. { $seconds }초 뒤에 다시 할 수 있어요.
refused-busy = 지금은 찾는 분이 많아요. { $seconds }초 뒤에 다시 해 주세요.
refused-internal = 저희 쪽에 문제가 생겼어요. 잠시 뒤에 다시 해 주세요.

## 관리 페이지

refused-signed_out = 로그인하지 않았거나 로그인이 끝났어요. 다시 로그인해 주세요.
refused-wrong_token = 맞는 토큰이 아니에요.
refused-not_allowed = 맡은 역할로는 할 수 없어요.
refused-gone = 더는 보관하지 않는 사진이에요.
refused-forgotten = 보낸 분이 지우신 사진이라 라벨을 붙일 수 없어요.
refused-rejected = 다른 분이 쓸 수 없다고 한 사진이에요. 그분만 되돌릴 수 있어요.
refused-no_reason = 까닭을 눈에 보이는 글자로 5자에서 500자 사이로 적어 주세요.
refused-no_photos = 조건에 맞는 사진이 없어요.
refused-exporting = 다른 내보내기가 진행되고 있어요. { $seconds }초 뒤에 다시 해 주세요.
refused-unfinished = 내보내지 못했어요. 까닭은 서버 기록에 있어요.
