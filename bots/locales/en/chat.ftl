## The conversation

# Answers to a photo
answer-right = That’s right
chat-score = { $name } { $percent } %
chat-scores = Confidence: { $first }
chat-others = Other candidates: { $others }
ask-several = Several things
ask-unseen = Hard to see

album-headline = { $number }. { $text }
album-button = { $number }. { $text }
album-stream = Goes into: { $stream }
album-guide = { $name }: what to do

# Corrections
correct-detail = Pick the right one. It makes the next answers better.
thanks = Thank you!
    .receipt = Receipt { $number }

unfit-none = Is it none of the twelve?
    .detail = Pick what comes closest, or send its name as text. Example: umbrella
unfit-several = One thing at a time, please
    .detail = Photograph each thing on its own and I will answer each. Or pick one of them now.
unfit-unseen = Shall we try another photo?
    .detail = Take another one, or pick what it is.

# Parts of a guide
section-headline = { $name } · { $section }
section-bins = Other bins
section-hazards = Dangers
section-steps = Steps
section-condition = Its state
section-parts = Part by part
section-mistakes = Common mistakes
section-becomes = What it becomes
section-money = Deposit
section-marks = Marks
section-contacts = Whom to ask
section-differs = Differs by town
section-sources = Sources
condition-answer = { $question } — { $answer }

# Finding things
thing-stream = Goes into: { $stream }
search-which = Which one is it?
    .detail = Pick what you are looking for.
search-other = None of these
search-nothing = I don’t know a thing of that name
    .detail = Try another name (milk carton, broken plate), send a photo, or pick the kind yourself. Help: /help

# Pictures
generate-which = A picture of what?
    .detail = Write it like this: /generate paper. There are: { $labels }
generate-later = I can’t make pictures at the moment
    .detail = There is no model for pictures here. I can tell you how to dispose of it.
generate-down = I can’t make pictures right now
    .detail = Please try again in a moment. Meanwhile I can tell you how to dispose of it.
generate-busy = Many people are waiting for pictures
    .detail = Please try again in a moment.
generate-most = I make { $count } at a time at most.
generate-number = That number is too small
    .detail = How many: 1 to { $count }. A picture’s number: 0 to { $seed }.
generate-unsent = I could not send the pictures here. Perhaps photos are not allowed in this chat.
generate-one = A picture: { $label }
generate-again = One more
generated = A picture made by AI: { $label }
    .detail = It is not a photo, and the real thing may look different.
generated-caption = AI-generated picture: { $label } (number { $seed })
generated-saved = Saved: { $path }
generated-unsaved = The picture could not be saved: { $reason }

# Too much, or too busy
flood = A little slower, please
    .help = That was a lot at once. Please send it again in { $seconds } seconds.
busy = Many people are asking right now
    .help = Please send it again in a little while.
failed = I could not answer that
    .help = Sorry. Please send the photo or the text once more.
