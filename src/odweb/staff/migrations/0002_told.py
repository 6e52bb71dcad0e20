"""Who was told that their account ends.  Made by `makemigrations`."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("staff", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Told",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("person", models.CharField(max_length=36)),
                ("expires", models.DateTimeField(db_index=True)),
                ("days", models.IntegerField()),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("person", "expires", "days"), name="told_once")],
            },
        ),
    ]
