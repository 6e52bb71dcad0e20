"""Applying for an account: a public form, a verified mobile number, two approvals, and the account."""
