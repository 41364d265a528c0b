"""One file a revision, named after it. A released one is never changed."""
