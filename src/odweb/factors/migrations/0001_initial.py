"""Apps, recovery codes, passkeys."""

from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="App",
            fields=[
                ("person", models.CharField(max_length=36, primary_key=True, serialize=False)),
                ("sealed", models.BinaryField()),
                ("made", models.DateTimeField()),
                ("step", models.BigIntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name="Passkey",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("person", models.CharField(db_index=True, max_length=36)),
                ("credential", models.CharField(max_length=1400, unique=True)),
                ("public", models.BinaryField()),
                ("count", models.BigIntegerField(default=0)),
                ("name", models.CharField(max_length=60)),
                ("made", models.DateTimeField()),
                ("used", models.DateTimeField(null=True)),
            ],
            options={
                "ordering": ["made"],
            },
        ),
        migrations.CreateModel(
            name="Recovery",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("person", models.CharField(db_index=True, max_length=36)),
                ("digest", models.CharField(max_length=64, unique=True)),
            ],
        ),
    ]
