-- SPDX-FileCopyrightText: Orrery contributors
-- SPDX-License-Identifier: Apache-2.0
-- Joining over the network: tokens (never a secret), members and their certificates. Ids of tokens are 16 hex digits.
ALTER TABLE nodes ADD COLUMN remote INTEGER NOT NULL DEFAULT 0;
CREATE TABLE tokens (
  id TEXT PRIMARY KEY,
  secret_digest TEXT NOT NULL,
  role TEXT NOT NULL,
  node_name TEXT NOT NULL,
  made_wall_ns INTEGER NOT NULL,
  expires_wall_ns INTEGER NOT NULL,
  ended_wall_ns INTEGER NOT NULL,
  state INTEGER NOT NULL,
  used_by TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE members (
  serial TEXT PRIMARY KEY,
  role TEXT NOT NULL,
  id TEXT NOT NULL,
  key_digest TEXT NOT NULL,
  not_before_wall_ns INTEGER NOT NULL,
  not_after_wall_ns INTEGER NOT NULL,
  token TEXT NOT NULL,
  host TEXT NOT NULL,
  node_name TEXT NOT NULL
) STRICT, WITHOUT ROWID;
