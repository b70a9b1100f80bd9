-- SPDX-FileCopyrightText: Orrery contributors
-- SPDX-License-Identifier: Apache-2.0
-- Members that were taken out: their certificates are good for nothing any more, however long they last.
CREATE TABLE denied (
  id TEXT PRIMARY KEY,
  at_wall_ns INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
