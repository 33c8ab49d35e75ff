-- Plans of deletion that are made before their day, so that two have signed when it begins.

-- Nothing of the plan is done before; none: the day that it was made on.
ALTER TABLE deletion_plans ADD COLUMN begins_at BIGINT;
