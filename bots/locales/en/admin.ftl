## The admin page

admin-title = Bunri — photos and labels
admin-brand = Bunri
admin-brand-note = Photos and labels
admin-skip = Skip to the main part
admin-language = Language
admin-noscript = This page needs JavaScript.

admin-login-title = Sign in
admin-login-help = With the token that the operator made for you. You are signed out after an hour without doing anything.
admin-login-token = Token
admin-login-send = Sign in
admin-logout = Sign out
admin-signed-in = Signed in: { $name }

admin-parts = Parts of the page
admin-part-queue = Photos
admin-part-figures = Figures
admin-part-export = Export

admin-filters = Filters
admin-filter-label = Label
admin-filter-platform = Platform
admin-filter-language = Language of the answer
admin-filter-any = any
admin-filter-since = Kept since
admin-filter-until = Kept before
admin-filter-margin = Lead of the likeliest label at most, %
admin-filter-disagreement = The resident said something else
admin-filter-unlabelled = Nobody has labelled them yet
admin-filter-apply = Show

admin-platform-telegram = Telegram
admin-platform-discord = Discord
admin-platform-web = Web page
admin-platform-console = Terminal

admin-queue-title = Photos, the most useful first
admin-queue-keys = Choose a photo, then: arrow keys move, the keys on the buttons label it.
admin-queue-loading = Looking for photos…
admin-queue-none = No photo matches.
admin-queue-shown = { $count } of { $total } that match
admin-queue-previous = Back
admin-queue-next = Further photos

admin-tile = Photo { $count }
admin-tile-guess = Model: { $label }, { $percent } %
admin-tile-no-guess = The model’s answer is no longer in the log
admin-tile-resident = Resident: { $label }
admin-tile-labelled = Label: { $label }
admin-tile-rejected = Not used: { $label }
admin-tile-skipped = Skipped
admin-tile-gone = No longer kept

admin-act-labels = Labels
admin-act-others = Other actions
admin-act-accept = Model is right
admin-act-skip = Skip
admin-act-reject = Not usable
admin-act-undo = Undo
admin-act-close = Look closely
admin-key-enter = Enter
admin-key-space = Space

admin-reject-title = Why is the photo not usable?
admin-reject-help = It is not exported, not shown again, and not kept longer than a photo that nobody saw.
admin-reject-not_waste = Not waste
admin-reject-unreadable = Nothing can be made out
admin-reject-personal = A person, an address, a name
admin-reject-cancel = Cancel
admin-large-title = The photo, larger
admin-large-done = Close

admin-said-label = { $label }.
admin-said-rejected = Not used: { $label }.
admin-said-undone = Taken back.
admin-said-nothing = There is nothing to undo.

admin-figures-title = Figures
admin-count-kept = kept
admin-count-labelled = labelled
admin-count-rejected = not usable
admin-count-left = left to do
admin-figures-labels = Labelled photos by label
admin-figures-target = { $count } of { $total }
admin-figures-model = The model
admin-figures-live = Answers now: { $name }
admin-figures-unknown = unknown
admin-figures-precision = Right when it said so, on relabelled photos
admin-figures-precision-help = Not on the training data. Photos come up because the model was unsure of them; only those that were drawn at random show an ordinary day.
admin-figures-no-precision = No photo was relabelled yet.
admin-figures-column-model = Model
admin-figures-column-label = It said
admin-figures-column-all = All
admin-figures-column-random = Drawn at random
admin-figures-right = { $count } of { $total }, { $percent } %
admin-figures-random = { $count } of { $total }, { $percent } % ({ $low } to { $high } %)
admin-figures-no-random = none
admin-figures-changes = Changes of the model
admin-figures-no-changes = None yet.

admin-export-title = Export
admin-export-help = The photos of the filters above, the most useful first, { $photos } at most, as a zip. Your name, the reason and the filters are kept for good. Delete the file once it is labelled.
admin-export-denied = Your role is to label. Somebody with the role exporter can export.
admin-export-format = Format
admin-export-limit = Photos at most
admin-export-reason = Reason
admin-export-send = Make and download
admin-export-working = The export is being made…
admin-export-done = { $name } is in your downloads.

admin-problem-network = The connection broke off. Please try again.
