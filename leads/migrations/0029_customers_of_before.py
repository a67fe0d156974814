"""Accounts that are customers, or were, get the record that they have from now on."""

from django.db import migrations

RECORDS = """
    INSERT INTO leads_customer (account_id, status, since, value_base, churned_at, churn_reason,
                                churn_note, version)
    SELECT a.id, CASE a.status WHEN 'CUSTOMER' THEN 'ACTIVE' ELSE 'CHURNED' END,
           coalesce(won.first_at, told.at, a.created_at), won.worth,
           CASE a.status WHEN 'FORMER_CUSTOMER'
                THEN greatest(coalesce(told.at, a.created_at), coalesce(won.first_at, a.created_at))
           END, '', '', 1
      FROM leads_account a
     CROSS JOIN LATERAL (SELECT min(closed_at) AS first_at, sum(amount_base) AS worth
                           FROM leads_opportunity o
                          WHERE o.account_id = a.id AND o.status = 'WON') won
     CROSS JOIN LATERAL (SELECT min(h.history_date) AS at FROM leads_historicalaccount h
                          WHERE h.id = a.id AND h.status = a.status) told
     WHERE a.status IN ('CUSTOMER', 'FORMER_CUSTOMER');
    INSERT INTO leads_customerstep (customer_id, sequence, kind, status, because, at, recorded_at)
    SELECT id, 1, 'BECAME', 'ACTIVE', '{"history": true}', since, since FROM leads_customer;
    INSERT INTO leads_customerstep (customer_id, sequence, kind, status, because, at, recorded_at)
    SELECT id, 2, 'CHURNED', 'CHURNED', '{"history": true}', churned_at, churned_at
      FROM leads_customer WHERE status = 'CHURNED';
    UPDATE leads_customer SET version = 2 WHERE status = 'CHURNED';
"""


class Migration(migrations.Migration):
    dependencies = [("leads", "0028_customers")]

    operations = [migrations.RunSQL(RECORDS, migrations.RunSQL.noop)]
