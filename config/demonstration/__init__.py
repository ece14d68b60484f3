"""Two demo tenants with everything an evaluation needs; made by `manage.py demo`."""
