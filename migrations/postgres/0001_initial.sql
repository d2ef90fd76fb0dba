-- Every table is led by organization_id, in its primary key, unique indexes and foreign keys, so that
-- the same schema can be distributed by organization. Times are microseconds since the epoch (UTC).
-- Text that is compared or ordered has collation "C": comparison keys are computed by the program.

-- next_node_id only grows: the number of a node is part of a URL, and is never given again.
CREATE TABLE organization (
    id               BIGINT PRIMARY KEY,
    name             TEXT   NOT NULL,
    seats            BIGINT,
    reserved_domains TEXT   NOT NULL,
    next_node_id     BIGINT NOT NULL,
    created_at       BIGINT NOT NULL
);

CREATE TABLE node (
    organization_id BIGINT NOT NULL REFERENCES organization (id),
    id              BIGINT NOT NULL,
    parent_id       BIGINT,
    name            TEXT   NOT NULL,
    created_at      BIGINT NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id, parent_id) REFERENCES node (organization_id, id)
);

CREATE TABLE provisioning_method (
    organization_id BIGINT  NOT NULL,
    node_id         BIGINT  NOT NULL,
    role_prefix     TEXT,
    unique_groups   BOOLEAN NOT NULL,
    removed_users   TEXT    NOT NULL,
    repost          TEXT    NOT NULL,
    new_users       TEXT    NOT NULL,
    dialect         TEXT    NOT NULL,
    created_at      BIGINT  NOT NULL,
    last_synced     BIGINT,
    client          TEXT,
    PRIMARY KEY (organization_id, node_id),
    FOREIGN KEY (organization_id, node_id) REFERENCES node (organization_id, id)
);

CREATE TABLE provisioning_token (
    organization_id BIGINT NOT NULL,
    id              TEXT   COLLATE "C" NOT NULL,
    node_id         BIGINT NOT NULL,
    name            TEXT   NOT NULL,
    digest          BYTEA  NOT NULL,
    created_at      BIGINT NOT NULL,
    expires_at      BIGINT,
    revoked_at      BIGINT,
    last_used_at    BIGINT,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id, node_id) REFERENCES provisioning_method (organization_id, node_id)
);
CREATE INDEX provisioning_token_by_id ON provisioning_token (id);

-- Users and groups. `document` is the canonical JSON as it is sent, without meta and without the
-- attributes that are kept by row (groups of a user, members of a group).
-- accepted, admin_locked and idp_lock (0 none, 1 disabled, 2 removed) are the user's life cycle.
-- erased_at marks a tombstone: invisible, restorable; erased_groups are its memberships.
CREATE TABLE resource (
    organization_id BIGINT  NOT NULL,
    id              UUID    NOT NULL,
    node_id         BIGINT  NOT NULL,
    resource_type   TEXT    COLLATE "C" NOT NULL,
    version         BIGINT  NOT NULL,
    created_at      BIGINT  NOT NULL,
    modified_at     BIGINT  NOT NULL,
    unique_key      TEXT    COLLATE "C",
    name_key        TEXT    COLLATE "C" NOT NULL,
    external_id     TEXT    COLLATE "C",
    display         TEXT    NOT NULL,
    accepted        BOOLEAN NOT NULL,
    admin_locked    BOOLEAN NOT NULL,
    idp_lock        BIGINT  NOT NULL,
    document        TEXT    NOT NULL,
    erased_at       BIGINT,
    erased_groups   TEXT,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id, node_id) REFERENCES node (organization_id, id)
);
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
    organization_id BIGINT NOT NULL,
    group_id        UUID   NOT NULL,
    user_id         UUID   NOT NULL,
    added_at        BIGINT NOT NULL,
    PRIMARY KEY (organization_id, group_id, user_id),
    FOREIGN KEY (organization_id, group_id) REFERENCES resource (organization_id, id) ON DELETE CASCADE,
    FOREIGN KEY (organization_id, user_id) REFERENCES resource (organization_id, id) ON DELETE CASCADE
);
CREATE INDEX membership_by_user ON membership (organization_id, user_id, group_id);

-- What happened: one row for every change, written in the transaction of the change.
CREATE TABLE change (
    organization_id BIGINT NOT NULL,
    id              UUID   NOT NULL,
    at              BIGINT NOT NULL,
    node_id         BIGINT,
    actor           TEXT   NOT NULL,
    request_id      TEXT   NOT NULL,
    operation       TEXT   NOT NULL,
    subject_type    TEXT   NOT NULL,
    subject_id      TEXT   COLLATE "C" NOT NULL,
    version         BIGINT,
    changes         TEXT   NOT NULL,
    PRIMARY KEY (organization_id, id)
);
CREATE INDEX change_by_subject ON change (organization_id, subject_id, id);
