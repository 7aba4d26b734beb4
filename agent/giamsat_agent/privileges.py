# SPDX-License-Identifier: Apache-2.0
"""Root goes on as the agent's own user where it writes what the agent has to read."""

import os
import pwd
from pathlib import Path

from giamsat_agent.errors import StateError
from giamsat_wire.ownership import foreign_owner


def must_be_ours(folder: Path) -> None:
    """Do nothing, unless root is about to run in the folder of another user, who could read nothing that root writes.

    Raises:
        StateError: so it is.
    """
    if (owner := foreign_owner(folder)) is not None:
        raise StateError(
            f"{folder}: là của tài khoản khác (số {owner}), tài khoản đó sẽ không đọc được gì do root ghi; chạy bằng "
            f"dịch vụ / belongs to another user (number {owner}), who could not read what root writes there; run it as "
            "the service does: sudo systemctl start giamsat-agent"
        )


def become_owner(folder: Path) -> None:
    """Give up root for the user who owns a folder, with the groups it has, for good.

    Nothing is done without root, or where root owns the folder.

    Raises:
        StateError: the folder cannot be looked at.
    """
    if os.geteuid() != 0:
        return
    try:
        owner = folder.stat()
    except FileNotFoundError:
        return
    except OSError as error:
        raise StateError(
            f"{folder}: không đọc được; đặt 'state' trong tệp cấu hình là một thư mục / "
            f"cannot be read: {error.strerror}; set 'state' in the file to a folder"
        ) from error
    if owner.st_uid == 0:
        return
    try:
        os.initgroups(pwd.getpwuid(owner.st_uid).pw_name, owner.st_gid)
    except KeyError:  # a number without a name
        os.setgroups([owner.st_gid])
    os.setgid(owner.st_gid)
    os.setuid(owner.st_uid)
