-- After every migration, as certification_owner: what the service may do at run time.

GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO certification_app;
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO certification_app;

-- The audit chain only grows. Triggers say so too; this holds even where a trigger is dropped.
REVOKE UPDATE, DELETE, TRUNCATE ON observability_auditrecord FROM certification_app;
-- Migrations are the owner's.
REVOKE INSERT, UPDATE, DELETE ON django_migrations FROM certification_app;
