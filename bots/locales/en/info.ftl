## Introduction, help, privacy

start = Hello, this is Bunri
    .detail = Send me a photo of something you want to throw away. I tell you what it is, how to dispose of it, and what it becomes.
start-how = Send a photo, or the name of a thing: milk carton, broken plate, power bank.
start-groups = In a group, reply /classify to a photo or mention me. I do not look at photos that nobody asks me about.
start-notice = To get better I log questions and answers, without names and without photos. More: /privacy
start-notice-with-photos = To get better I log questions and answers, without names, and keep photos of people who agreed. More: /privacy
start-age = For people aged 14 and over.

help = What you can do
help-command = /{ $name } — { $meaning }

privacy = What happens to your data
privacy-photos-never = A photo is in memory while it is answered, and is not stored.
privacy-photos-consent = A photo is in memory while it is answered. Only photos of people who agreed are kept: without camera data, encrypted, to improve recognition. You can withdraw at any time with /consent.
privacy-log = What is logged: time, platform, a number that stands for you and does not name you, language and place, the answer, how long it took, whether you called it right or wrong, and reports you send. Not your name, no captions, no words you searched for.
privacy-time = Logged questions and answers are deleted after a set time (180 days unless the operator changed it). A message that is not answered yet waits encrypted and is erased once answered.
privacy-others = Nothing of it is passed on to others.
privacy-rights = See what is stored: /mydata · delete everything: /forget · keeping photos: /consent
contact = Contact: { $address }
contact-report = Questions and reports: write them after /report.

only-private = That I tell you in private only
    .detail = Please send me the same command in a private chat.

language-ko = 한국어
language-en = English
language-which = Which language do you read?
language-set = From now on in English.
region-which = Where do you throw it away?
    .detail = Now by the rules of: { $place }.
region-set = From now on by the rules of: { $place }.

consent-question = May your photos help to improve Bunri?
    .detail = If you agree, photos you send from now on are kept: without camera data, encrypted. People check them, and they serve to improve recognition only.
consent-later = You can use Bunri just as well without. Change it any time with /consent; when you withdraw, kept photos are deleted.
consent-yes = I agree
consent-no = No, thanks
consent-given = Thank you. Photos you send from now on are kept.
    .detail = Please photograph the thing only, no faces and no addresses. You can stop any time with /consent.
consent-refused = { $photos ->
        [0] All right. No photo is kept.
        [one] All right. The one kept photo has been deleted.
       *[other] All right. The { $photos } kept photos have been deleted.
    }
    .detail = If you change your mind, send /consent.
consent-now-yes = At the moment you have agreed.
consent-now-no = At the moment no photo of yours is kept.
consent-never = No photos are kept here
    .detail = So there is nothing to agree to. A photo is gone once it is answered.

mydata = What is stored about you
    .detail = It is stored under a number that does not name you. To delete it all, send /forget.
mydata-nothing = Nothing is stored.
mydata-unset = not chosen
mydata-language = Language: { $language }
mydata-region = Place: { $place }
mydata-consent-unasked = Keeping photos: never asked
mydata-consent-asked = Keeping photos: not answered
mydata-consent-given = Keeping photos: agreed
mydata-consent-refused = Keeping photos: refused
mydata-queries = Questions and answers: { $count }
mydata-feedback = Right or wrong, as you said: { $count }
mydata-reports = Reports: { $count }
mydata-photos = Kept photos: { $count }
mydata-latest = Latest questions
mydata-query = { $date } · { $label } · { $number }
mydata-no-label = no kind

forget-sure = Delete everything?
    .detail = Questions and answers ({ $queries }), kept photos ({ $photos }), settings, opinions and reports go. It cannot be undone.
forget-yes = Delete everything
forget-no = Leave it
forget-kept = It stays as it was.
forget-done = Everything is deleted
    .detail = Records: { $rows }. Photos: { $photos }.
forget-honest = A model that was already trained cannot unlearn a single photo, but the next training leaves yours out.

report-how = What is wrong?
    .detail = Write it like this: /report the plastic guide is not what my town says
report-thanks = Thank you. The operator will read it.

stats = Bunri in figures
    .detail = The last { $days } days
stats-queries = Questions: { $count }
stats-right = Right, of { $count } answers that people judged: { $percent } %
stats-speed = An answer usually took { $milliseconds } milliseconds
stats-labels = Asked about most: { $labels }
stats-label = { $name } { $count }
stats-relabelled = Right when it said so, on { $count } photos that people checked afterwards:
stats-precision = { $name } { $right } of { $count }
