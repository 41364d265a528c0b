## Why there is no answer, and what to do about it

-formats = JPEG, PNG, WebP, HEIC, AVIF or GIF

problem-empty = This file is empty
    .help = Please choose the photo again.
problem-too_many_bytes = This photo is too big
    .help = The limit is { $megabytes } MB a photo. Please make it smaller and send it again.
problem-not_an_image = This is not a photo
    .help = Please send a { -formats } picture.
problem-unsupported_format = { $found ->
        [unknown] I can’t read this kind of file yet
       *[other] I can’t read { $found } files yet
    }
    .help = Please send a { -formats } picture.
problem-too_many_pixels = This photo has too many pixels
    .help = The limit is { $megapixels } megapixels. Please make it smaller and send it again.
problem-zero_size = This photo is zero pixels wide or high
    .help = Please take it again, or send another one.
problem-truncated = This photo breaks off in the middle
    .help = Wait until it is fully downloaded and send it again, or take a new one.
problem-corrupt = This photo file is damaged
    .help = Please send another one, or take a new one.
problem-unavailable = I can’t look at photos right now
    .help = Please try again in a moment. Meanwhile you can choose the kind yourself.
problem-postponed = You need not send it again: I answer as soon as I can. Meanwhile you can choose the kind yourself.
problem-failed = I could not look at this photo: something went wrong on our side
    .help = Sorry, it has been noted. Please take a new photo, or choose the kind yourself.
