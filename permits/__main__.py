"""`python -m permits …` is the command line."""

from permits.cli import main

raise SystemExit(main())
