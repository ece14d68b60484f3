-- Once, as a superuser, in the service's database: two roles, so that the service at run time is
-- neither the owner of its tables nor a superuser. Set their passwords with \password.
--   certification_owner  runs `manage.py migrate`, then grants.sql
--   certification_app    runs everything else

DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'certification_owner') THEN
        CREATE ROLE certification_owner LOGIN;
    END IF;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'certification_app') THEN
        CREATE ROLE certification_app LOGIN;
    END IF;
END
$$;

REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE, CREATE ON SCHEMA public TO certification_owner;
GRANT USAGE ON SCHEMA public TO certification_app;
