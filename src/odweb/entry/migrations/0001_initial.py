"""Sessions as their owners see them.  Made by `makemigrations`."""

from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Visit",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("session", models.CharField(max_length=40, unique=True)),
                ("person", models.CharField(db_index=True, max_length=36)),
                ("started", models.DateTimeField()),
                ("seen", models.DateTimeField()),
                ("address", models.CharField(max_length=45)),
                ("agent", models.CharField(max_length=300)),
            ],
            options={
                "ordering": ["-seen"],
            },
        ),
    ]
