-- Every table is led by organization_id, in its primary key, unique indexes and foreign keys, so that
-- the same schema can be distributed by organization. Times are microseconds since the epoch (UTC).
-- Comparison keys are computed by the program; ids are 16-byte blobs, booleans 0 or 1.

-- next_node_id only grows: the number of a node is part of a URL, and is never given again.
CREATE TABLE organization (
    id               INTEGER PRIMARY KEY,
    name             TEXT   NOT NULL,
    seats            INTEGER,
    reserved_domains TEXT   NOT NULL,
    next_node_id     INTEGER NOT NULL,
    created_at       INTEGER NOT NULL
) STRICT;

CREATE TABLE node (
    organization_id INTEGER NOT NULL REFERENCES organization (id),
    id              INTEGER NOT NULL,
    parent_id       INTEGER,
    name            TEXT   NOT NULL,
    created_at      INTEGER NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id, parent_id) REFERENCES node (organization_id, id)
) STRICT;

CREATE TABLE provisioning_method (
    organization_id INTEGER  NOT NULL,
    node_id         INTEGER  NOT NULL,
    role_prefix     TEXT,
    unique_groups   INTEGER NOT NULL,
    removed_users   TEXT    NOT NULL,
    repost          TEXT    NOT NULL,
    new_users       TEXT    NOT NULL,
    dialect         TEXT    NOT NULL,
    created_at      INTEGER  NOT NULL,
    last_synced     INTEGER,
    client          TEXT,
    PRIMARY KEY (organization_id, node_id),
    FOREIGN KEY (organization_id, node_id) REFERENCES node (organization_id, id)
) STRICT;

CREATE TABLE provisioning_token (
    organization_id INTEGER NOT NULL,
    id              TEXT   NOT NULL,
    node_id         INTEGER NOT NULL,
    name            TEXT   NOT NULL,
    digest          BLOB   NOT NULL,
    created_at      INTEGER NOT NULL,
    expires_at      INTEGER,
    revoked_at      INTEGER,
    last_used_at    INTEGER,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id, node_id) REFERENCES provisioning_method (organization_id, node_id)
) STRICT;
CREATE INDEX provisioning_token_by_id ON provisioning_token (id);

-- Users and groups. `document` is the canonical JSON as it is sent, without meta and without the
-- attributes that are kept by row (groups of a user, members of a group).
-- accepted, admin_locked and idp_lock (0 none, 1 disabled, 2 removed) are the user's life cycle.
-- erased_at marks a tombstone: invisible, restorable; erased_groups are its memberships.
CREATE TABLE resource (
    organization_id INTEGER  NOT NULL,
    id              BLOB    NOT NULL,
    node_id         INTEGER  NOT NULL,
    resource_type   TEXT    NOT NULL,
    version         INTEGER  NOT NULL,
    created_at      INTEGER  NOT NULL,
    modified_at     INTEGER  NOT NULL,
    unique_key      TEXT   ,
    name_key        TEXT    NOT NULL,
    external_id     TEXT   ,
    display         TEXT    NOT NULL,
    accepted        INTEGER NOT NULL,
    admin_locked    INTEGER NOT NULL,
    idp_lock        INTEGER  NOT NULL,
    document        TEXT    NOT NULL,
    erased_at       INTEGER,
    erased_groups   TEXT,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id, node_id) REFERENCES node (organization_id, id)
) STRICT;
CREATE UNIQUE INDEX resource_unique ON resource (organization_id, unique_key)
    WHERE unique_key IS NOT NULL;
CREATE INDEX resource_by_node ON resource (organization_id, node_id, resource_type, id);
-- The id at the end gives lists their order, so that no plan has to choose between finding and ordering.
CREATE INDEX resource_by_name ON resource (organization_id, node_id, resource_type, name_key, id);
CREATE INDEX resource_by_external_id
    ON resource (organization_id, node_id, resource_type, external_id, id)
    WHERE external_id IS NOT NULL;
-- Who holds a seat: neither locked nor erased.
CREATE INDEX resource_with_seat ON resource (organization_id)
    WHERE resource_type = 'User' AND erased_at IS NULL AND NOT admin_locked AND idp_lock = 0;
CREATE INDEX resource_erased ON resource (erased_at) WHERE erased_at IS NOT NULL;

CREATE TABLE membership (
    organization_id INTEGER NOT NULL,
    group_id        BLOB   NOT NULL,
    user_id         BLOB   NOT NULL,
    added_at        INTEGER NOT NULL,
    PRIMARY KEY (organization_id, group_id, user_id),
    FOREIGN KEY (organization_id, group_id) REFERENCES resource (organization_id, id) ON DELETE CASCADE,
    FOREIGN KEY (organization_id, user_id) REFERENCES resource (organization_id, id) ON DELETE CASCADE
) STRICT;
CREATE INDEX membership_by_user ON membership (organization_id, user_id, group_id);

-- What happened: one row for every change, written in the transaction of the change.
CREATE TABLE change (
    organization_id INTEGER NOT NULL,
    id              BLOB   NOT NULL,
    at              INTEGER NOT NULL,
    node_id         INTEGER,
    actor           TEXT   NOT NULL,
    request_id      TEXT   NOT NULL,
    operation       TEXT   NOT NULL,
    subject_type    TEXT   NOT NULL,
    subject_id      TEXT   NOT NULL,
    version         INTEGER,
    changes         TEXT   NOT NULL,
    PRIMARY KEY (organization_id, id)
) STRICT;
CREATE INDEX change_by_subject ON change (organization_id, subject_id, id);
