## Commands and their meaning, as platforms list them

command-start = What Bunri is
command-help = How to use it, and all commands
command-guide = How to dispose of a thing
command-labels = Pick one of the twelve kinds
command-generate = A picture of one kind, made by AI
command-lang = Change the language
command-region = Change the place
command-privacy = What happens to your data
command-consent = Whether photos may be kept
command-mydata = What is stored about you
command-forget = Delete everything about you
command-report = Report a problem
command-stats = Figures of the last 30 days
command-classify = What is in this photo, and where it goes

discord-name-start = start
discord-name-help = help
discord-name-guide = guide
discord-name-labels = labels
discord-name-generate = generate
discord-name-lang = lang
discord-name-region = region
discord-name-privacy = privacy
discord-name-consent = consent
discord-name-mydata = mydata
discord-name-forget = forget
discord-name-report = report
discord-name-stats = stats
discord-name-classify = classify

discord-option-photo = photo
    .description = A photo that shows one thing well
discord-option-label = label
    .description = One of the twelve kinds
discord-option-thing = thing
    .description = What you want to throw away
discord-option-text = text
    .description = What the operator should know
discord-option-language = language
    .description = Korean or English
discord-option-region = region
    .description = Where you throw things away
discord-option-count = count
    .description = How many pictures
discord-option-seed = seed
    .description = The number of a picture, to see it again
discord-menu-classify = Classify waste

classify-how = Reply /classify to a photo
    .help = Or send a photo, or the name of a thing.
