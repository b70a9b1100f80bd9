-- SPDX-FileCopyrightText: Orrery contributors
-- SPDX-License-Identifier: Apache-2.0
-- control.db: what a head must know to go on after its own death. Ids are text as people see them, times ns.
CREATE TABLE cluster (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  id TEXT NOT NULL,
  head_epoch INTEGER NOT NULL,
  created_wall_ns INTEGER NOT NULL
) STRICT;
CREATE TABLE runs (
  id TEXT PRIMARY KEY,
  number INTEGER NOT NULL,
  title TEXT NOT NULL,
  state TEXT NOT NULL,
  submit_wall_ns INTEGER NOT NULL,
  start_ns INTEGER NOT NULL,
  end_ns INTEGER NOT NULL,
  tasks INTEGER NOT NULL,
  counts BLOB NOT NULL,
  reexecuted INTEGER NOT NULL,
  error TEXT NOT NULL,
  document TEXT NOT NULL,
  home TEXT,
  home_epoch INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE nodes (
  id TEXT PRIMARY KEY,
  incarnation INTEGER NOT NULL,
  number INTEGER NOT NULL,
  first_track INTEGER NOT NULL,
  tracks INTEGER NOT NULL,
  name TEXT NOT NULL,
  host TEXT NOT NULL,
  pid INTEGER NOT NULL,
  gone INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
