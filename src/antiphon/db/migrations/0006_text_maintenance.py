import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("db", "0005_page_links"),
    ]

    operations = [
        migrations.AddField(
            model_name="text",
            name="maintenance",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.CASCADE, related_name="texts", to="db.maintenance"
            ),
        ),
    ]
