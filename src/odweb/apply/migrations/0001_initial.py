"""Applications."""

import odcore.ids
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Application",
            fields=[
                ("key", models.CharField(default=odcore.ids.uuid7, max_length=36, primary_key=True, serialize=False)),
                ("reference", models.CharField(max_length=20, unique=True)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "Open"),
                            ("office", "Office"),
                            ("agency", "Agency"),
                            ("making", "Making"),
                            ("made", "Made"),
                            ("refused", "Refused"),
                        ],
                        db_index=True,
                        default="open",
                        max_length=10,
                    ),
                ),
                ("language", models.CharField(max_length=5)),
                ("name", models.CharField(max_length=200)),
                ("odia", models.CharField(default="", max_length=200)),
                ("employee", models.CharField(default="", max_length=64)),
                ("title", models.CharField(max_length=200)),
                ("office", models.CharField(db_index=True, max_length=36)),
                ("mobile", models.CharField(max_length=20)),
                ("email", models.CharField(default="", max_length=254)),
                ("contract", models.BooleanField(default=False)),
                ("expires", models.DateField()),
                ("address", models.CharField(default="", max_length=64)),
                ("post", models.CharField(default="", max_length=200)),
                ("sent", models.DateTimeField(null=True)),
                ("due", models.DateTimeField(null=True)),
                ("reminded", models.DateTimeField(null=True)),
                ("changed", models.DateTimeField()),
                ("checker", models.CharField(default="", max_length=36)),
                ("agent", models.CharField(default="", max_length=36)),
                ("reason", models.CharField(default="", max_length=500)),
                ("account", models.CharField(default="", max_length=36)),
            ],
            options={
                "ordering": ["due"],
            },
        ),
    ]
