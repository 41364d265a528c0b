## 답하지 못한 까닭과 할 수 있는 일

-formats = JPEG, PNG, WebP, HEIC, AVIF, GIF

problem-empty = 파일이 비어 있어요
    .help = 사진을 다시 골라 주세요.
problem-too_many_bytes = 사진 파일이 너무 커요
    .help = 한 장에 { $megabytes } MB까지 보낼 수 있어요. 크기를 줄여서 다시 보내 주세요.
problem-not_an_image = 사진 파일이 아니에요
    .help = { -formats } 사진을 보내 주세요.
problem-unsupported_format = { $found ->
        [unknown] 아직 읽지 못하는 형식이에요
       *[other] { $found } 파일은 아직 읽지 못해요
    }
    .help = { -formats } 사진을 보내 주세요.
problem-too_many_pixels = 사진의 화소가 너무 많아요
    .help = { $megapixels }00만 화소까지 볼 수 있어요. 크기를 줄여서 다시 보내 주세요.
problem-zero_size = 사진의 가로나 세로가 0이에요
    .help = 사진을 다시 찍거나 다른 사진을 보내 주세요.
problem-truncated = 사진이 중간에 끊겼어요
    .help = 다 내려받은 뒤에 다시 보내거나, 새로 찍어 주세요.
problem-corrupt = 사진 파일이 망가졌어요
    .help = 다른 사진을 보내거나, 새로 찍어 주세요.
problem-unavailable = 지금은 사진을 볼 수 없어요
    .help = 잠시 뒤에 다시 해 주세요. 그동안 직접 골라도 돼요.
problem-postponed = 다시 보내지 않아도 돼요. 볼 수 있게 되면 바로 답할게요. 그동안 직접 골라도 돼요.
problem-failed = 저희 쪽 문제로 이 사진을 보지 못했어요
    .help = 죄송해요. 문제를 기록해 두었어요. 사진을 새로 찍어 보내거나 직접 골라 주세요.
