"""The approval bureau (行政审批局): the unified case number, progress on the public platform, hand-out, ratings."""
