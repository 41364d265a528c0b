## Why a file could not be opened (command line)

file-not_found = There is no such file
    .help = Please check its name and where it is.
file-unreadable = This file cannot be opened
    .help = Please check that you may read it.
