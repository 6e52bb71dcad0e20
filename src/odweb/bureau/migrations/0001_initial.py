"""What accounts use.  Made by `makemigrations`."""

from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Measured",
            fields=[
                ("account", models.CharField(max_length=36, primary_key=True, serialize=False)),
                ("stamp", models.BigIntegerField()),
                ("mail", models.BigIntegerField()),
                ("files", models.BigIntegerField()),
            ],
        ),
    ]
