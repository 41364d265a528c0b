## The web page

page-title = Bunri — How do I throw this away?
page-description = Upload a photo to learn what it is, how to dispose of it and what it becomes.
page-brand = Bunri
page-brand-note = 분리
page-skip = Skip to the page
page-language = Language
page-region = Region
region-elsewhere = Elsewhere

page-question = How do I throw this away?
page-lead = Show a photo. You’ll learn what it is, where and how to dispose of it, and what it becomes.

page-tabs = Ways to ask
page-tab-photo = Photo
page-tab-camera = Camera
page-tab-generate = Pictures

page-drop = Drop photos here
page-choose = Choose photos
page-paste = You can also paste a copied photo with Ctrl+V.
page-limits = Up to { $photos } at a time, { $megabytes } MB each · JPEG, PNG, WebP, HEIC, AVIF, GIF
page-too-many = I can look at { $photos } photos at a time. Please add the others afterwards.

page-camera-intro = Turn on the camera and let one thing fill the picture.
page-camera-start = Turn on camera
page-camera-view = Camera picture
page-camera-take = Take photo
page-camera-switch = Switch camera
page-camera-stop = Turn off
page-camera-on = The camera is on.
page-camera-refused = This page may not use the camera. Allow it in the camera setting of your browser’s address bar, then turn it on again.
page-camera-absent = This device has no camera that I can find. Please choose a photo instead.
page-camera-in-use = Another program is using the camera. Close it, then turn the camera on again.
page-camera-insecure = Your browser blocks the camera at this address. Open the page over https, or choose a photo instead.
page-camera-failed = The camera did not start. Please try again, or choose a photo instead.

page-generate-title = A picture of what?
page-generate-text = AI makes four pictures of the kind that you choose. They are not photos, and the real things may look different.
page-gallery = These examples were made by AI on this server. Press one for four new pictures.
page-gallery-made = AI-generated

page-privacy = Photos stay in memory while they are answered. They are not kept.
privacy-of-page-with-consent = Photos stay in memory while they are answered. They are kept only if you have agreed.

page-words = Or write what it is
page-words-example = Example: pizza box, milk carton
page-words-ask = Ask
page-words-empty = Please write the name of a thing first. Example: milk carton
page-asked = You asked
page-receipt = Receipt
page-save = Save
page-share = Link to it
page-about = Your data, and more
page-about-privacy = Privacy
page-about-mydata = My data
page-about-forget = Delete my data
page-about-report = Report a problem
page-about-stats = Figures

page-results = Results
page-clear = Clear all
page-photo = Your photo
page-no-preview = No preview for this photo
page-looking = Looking at it…
page-waiting = Waiting for its turn…
page-confidence = Confidence
page-others = It could also be
page-guide = How to dispose of it

page-network-title = The connection broke off
page-network-help = Please check your internet connection and try again.
page-retry = Try again

page-footer = AI can be wrong. Where the rules differ, follow those of the place you live in.
page-noscript = This page needs JavaScript to look at photos. Please turn it on in your browser’s settings and reload.
