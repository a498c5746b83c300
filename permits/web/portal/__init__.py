"""The applicants' pages under /apply: my cases, the form in sections, documents, submitting, progress, corrections."""
