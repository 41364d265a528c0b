## Answers to a photo

# The number in words, from the highest down.
sureness-certain = Almost certain
sureness-likely = Probably right
sureness-unsure = Not sure

caution-unsure = AI may be wrong. Please check this against the real thing.

answer-other = That’s not it

ask-headline = Which one is it closest to?
ask-detail = The photo alone does not settle it. Please pick what comes closest.
ask-none = None of these

not-waste-headline = I can’t see anything to throw away
not-waste-detail = It may be too small, or something else is in the picture. Take another photo, or choose it yourself.
not-waste-choose = Let me choose

labels-headline = What kind of thing is it?
labels-detail = Pick one of the twelve kinds to see how to dispose of it.

retake-title = For a better answer
retake-close = Photograph one thing, and let it fill the picture.
retake-light = Use good light and a plain background.
retake-side = Show its front, and hold the camera still.

hazard-battery-is = Check this first: batteries can catch fire
hazard-battery-may = Check this first: there may be a battery here

notice-first_frame_only = This picture moves; only its first frame was looked at.
notice-low_resolution = This picture is small, so the answer may be less exact.
notice-made-by-bunri = I made this picture myself with AI. It is not a photo, and I never keep it.
notice-made-by-ai = This picture says that AI made it. It is not a photo, and I never keep it.

guide-general = This is general advice. Where your local rules differ, follow them.
guide-missing = There is no guide for this kind yet. Please ask your local council.
deposit = { $currency ->
        [KRW] { $amount } won
       *[other] { $amount } { $currency }
    }
