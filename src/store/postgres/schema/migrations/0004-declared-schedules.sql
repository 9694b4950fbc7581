-- 1: the schedule stands in the file of its workflow, and is changed there.
ALTER TABLE schedules ADD COLUMN declared INTEGER NOT NULL DEFAULT 0;
