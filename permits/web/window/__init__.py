"""The window's pages: queue, case, documents, hand-out. What they share with the review pages stands here too."""
