"""What a database holds, for comparing what migrations make with what the metadata says."""

_OBJECTS = "SELECT type, name, tbl_name FROM sqlite_master WHERE name NOT LIKE 'sqlite%' ORDER BY 1, 2"


def shape(all_rows):
    found = {}
    for kind, name, table in all_rows(_OBJECTS):
        if name != "alembic_version":
            about = "table_info" if kind == "table" else "index_xinfo"
            found[name] = (kind, table, [tuple(row) for row in all_rows(f"PRAGMA {about}({name})")])
    return found, {row[1]: row[4] for row in all_rows("PRAGMA table_list") if row[1] in found}
