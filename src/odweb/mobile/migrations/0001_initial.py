"""Codes that were sent, and how often."""

from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Challenge",
            fields=[
                ("key", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("digest", models.CharField(max_length=64)),
                ("tries", models.IntegerField(default=0)),
                ("expires", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="Sent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.CharField(db_index=True, max_length=64)),
                ("network", models.CharField(db_index=True, max_length=50)),
                ("at", models.DateTimeField(db_index=True)),
            ],
        ),
    ]
