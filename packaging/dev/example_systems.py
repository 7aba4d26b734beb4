# SPDX-License-Identifier: Apache-2.0
"""Write the 512 example systems of the example registry, at least one for each of the 503 units."""

import csv
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[2] / "collector" / "giamsat_collector" / "registry" / "example"
SYSTEMS = 512
MARK = "Ví dụ: "
KINDS = {
    "department": ("Cổng thông tin điện tử", 2),
    "district": ("Hệ thống một cửa điện tử", 3),
    "commune": ("Hệ thống quản lý văn bản và điều hành", 1),
}
# What a province runs for all of its units; the highest levels belong to shared infrastructure.
SHARED = (
    ("Trung tâm tích hợp dữ liệu", 4),
    ("Trục liên thông văn bản", 3),
    ("Hệ thống thông tin giải quyết thủ tục hành chính", 3),
    ("Mạng truyền số liệu chuyên dùng", 4),
    ("Hệ thống thư điện tử công vụ", 3),
    ("Cơ sở dữ liệu dùng chung", 4),
    ("Trung tâm giám sát, điều hành an toàn thông tin", 3),
    ("Hệ thống hội nghị truyền hình", 2),
    ("Hệ thống thông tin đặc biệt quan trọng", 5),
)


def main() -> None:
    """Write systems.csv beside units.csv."""
    with (FOLDER / "units.csv").open(encoding="utf-8", newline="") as file:
        units = list(csv.DictReader(file))
    rows = []
    for number, unit in enumerate(units, 1):
        name, level = KINDS[unit["kind"]]
        level += unit["kind"] == "commune" and number % 5 == 0
        rows.append((f"VD-{number:03}", f"{MARK}{name} – {unit['name_vi']}", unit["code"], level))
    home = next(unit["code"] for unit in units if unit["code"].endswith("STTTT"))
    for number, (name, level) in enumerate(SHARED, len(rows) + 1):
        rows.append((f"VD-{number:03}", f"{MARK}{name}", home, level))
    if len(rows) != SYSTEMS:
        raise SystemExit(f"{len(rows)} example systems, not {SYSTEMS}")
    with (FOLDER / "systems.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("id", "name", "unit", "level", "pack", "example"))
        writer.writerows((*row, "tcvn11930-2017", "yes") for row in rows)


if __name__ == "__main__":
    main()
