-- By whose clock days begin. Until now every register was Kazakhstan's.
ALTER TABLE instance ADD COLUMN time_zone TEXT NOT NULL DEFAULT 'Asia/Almaty';
