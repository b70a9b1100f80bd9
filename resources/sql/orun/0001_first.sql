-- SPDX-FileCopyrightText: Orrery contributors
-- SPDX-License-Identifier: Apache-2.0
-- A recorded run, one file. blocks hold sealed trace blocks verbatim; every other row carries a hash of its own content, so
-- that a changed byte is found whatever it meant. complete is 1 once the run has ended and everything was written.
CREATE TABLE run (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  id TEXT NOT NULL,
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
  home_epoch INTEGER NOT NULL,
  cluster TEXT NOT NULL,
  wall_offset_ns INTEGER NOT NULL,
  blocks INTEGER NOT NULL,
  logs INTEGER NOT NULL,
  complete INTEGER NOT NULL,
  check_hash INTEGER NOT NULL
) STRICT;
CREATE TABLE blocks (
  number INTEGER PRIMARY KEY,
  bytes BLOB NOT NULL
) STRICT;
CREATE TABLE plugins (
  name TEXT PRIMARY KEY,
  version TEXT NOT NULL,
  path TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  interface TEXT NOT NULL,
  description BLOB NOT NULL,
  check_hash INTEGER NOT NULL
) STRICT;
CREATE TABLE logs (
  seq INTEGER PRIMARY KEY,
  at_ns INTEGER NOT NULL,
  node INTEGER NOT NULL,
  worker INTEGER NOT NULL,
  task_row INTEGER NOT NULL,
  level INTEGER NOT NULL,
  text TEXT NOT NULL,
  check_hash INTEGER NOT NULL
) STRICT;
CREATE TABLE members (
  kind TEXT PRIMARY KEY,
  rows BLOB NOT NULL,
  check_hash INTEGER NOT NULL
) STRICT;
CREATE TABLE objects (
  task_row INTEGER NOT NULL,
  output INTEGER NOT NULL,
  bytes BLOB NOT NULL,
  check_hash INTEGER NOT NULL,
  PRIMARY KEY (task_row, output)
) STRICT;
