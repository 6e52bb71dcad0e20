"""Sheets in progress.  Made by `makemigrations`."""

import odcore.ids
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Sheet",
            fields=[
                ("key", models.CharField(default=odcore.ids.uuid7, max_length=36, primary_key=True, serialize=False)),
                ("name", models.CharField(max_length=200)),
                ("maker", models.CharField(db_index=True, max_length=36)),
                ("maker_name", models.CharField(max_length=200)),
                ("checker", models.CharField(default="", max_length=36)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "Draft"),
                            ("submitted", "Submitted"),
                            ("refused", "Refused"),
                            ("making", "Making"),
                            ("made", "Made"),
                            ("undone", "Undone"),
                        ],
                        default="draft",
                        max_length=12,
                    ),
                ),
                ("office", models.CharField(max_length=36)),
                ("reason", models.CharField(default="", max_length=500)),
                ("changed", models.DateTimeField()),
                ("done", models.IntegerField(default=0)),
                ("total", models.IntegerField(default=0)),
                ("offices", models.TextField(default="")),
                ("candidates", models.BinaryField()),
            ],
            options={
                "ordering": ["-changed"],
            },
        ),
    ]
