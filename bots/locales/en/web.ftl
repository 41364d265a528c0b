## When a web request is not served

refused-bad_request = I did not understand that request. Please reload the page.
refused-not_ours = This page has become old. Please reload it and try again.
refused-not_found = What you are looking for is not here.
refused-method = That cannot be done at this address.
refused-too_slow = The photo took too long to arrive. Please check your connection and send it again.
refused-no_length = That upload does not say how long it is. Please send it in another way.
refused-too_much = I can take { $megabytes } MB at a time. Please send less at once.
refused-too_many_photos = I can look at { $photos } photos at a time. Please send fewer at once.
refused-not_multipart = That is not a photo upload.
refused-no_text = Please write the name of a thing first.
refused-long_text = That is too long. Please use { $characters } characters at most.
refused-too_often = That was a little fast. Please try again in { $seconds } { $seconds ->
        [one] second
       *[other] seconds
    }.
refused-busy = Many people are asking right now. Please try again in { $seconds } { $seconds ->
        [one] second
       *[other] seconds
    }.
refused-internal = Something went wrong on our side. Please try again in a moment.

## On the admin page

refused-signed_out = You are not signed in, or no longer. Please sign in.
refused-wrong_token = That is nobody’s token.
refused-not_allowed = Your role does not allow that.
refused-gone = This photo is no longer kept.
refused-forgotten = Whoever sent this photo had it deleted. It takes no label any more.
refused-rejected = Somebody else found this photo of no use. Only they can take that back.
refused-no_reason = Please say why, in 5 to 500 characters that can be seen.
refused-no_photos = No photo matches these filters.
refused-exporting = Another export is being made. Please try again in { $seconds } seconds.
refused-unfinished = The export could not be made. The operator finds the reason in the log.
