## What only the terminal says

console-how = Type the path of a photo, the name of a thing, or the number of a button. /quit ends it.
console-no-photo = I can’t find that file
    .help = Type its path like this: photo bottle.jpg
