"""Apps that wait for their owner.  Made by `makemigrations`."""

from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Waiting",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("poll", models.CharField(max_length=64, unique=True)),
                ("page", models.CharField(max_length=64, unique=True)),
                ("agent", models.CharField(max_length=100)),
                ("address", models.CharField(max_length=45)),
                ("begun", models.DateTimeField(db_index=True)),
                ("person", models.CharField(default="", max_length=36)),
                ("name", models.CharField(default="", max_length=100)),
            ],
            options={
                "ordering": ["begun"],
            },
        ),
    ]
