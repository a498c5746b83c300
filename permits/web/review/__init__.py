"""The pages of reviewers, legal reviewers and deciders: queue, review, decision."""
