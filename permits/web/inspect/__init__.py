"""The inspectors' pages: commitments to be verified after the grant, and the credit record of employers."""
