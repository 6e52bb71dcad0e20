"""Codes that were given out.  Made by `makemigrations`."""

from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Code",
            fields=[
                ("person", models.CharField(max_length=36, primary_key=True, serialize=False)),
                ("digest", models.CharField(max_length=64, unique=True)),
                ("maker", models.CharField(max_length=36)),
                ("expires", models.DateTimeField()),
            ],
        ),
    ]
