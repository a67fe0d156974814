from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leads import titles
from leads.titles import Title

TITLES = """
CEO | C_LEVEL MANAGEMENT
C.E.O. | C_LEVEL MANAGEMENT
Chief Executive Officer | C_LEVEL MANAGEMENT
Founder & CEO | C_LEVEL OWNER
Co-Founder | C_LEVEL OWNER
Owner | C_LEVEL OWNER
self-employed | C_LEVEL OWNER
Partner | C_LEVEL -
Managing Director | C_LEVEL MANAGEMENT
Chief Revenue Officer | C_LEVEL SALES
Chief Information Security Officer | C_LEVEL IT
CFO | C_LEVEL FINANCE
CTO | C_LEVEL ENGINEERING
COO | C_LEVEL OPERATIONS
CHRO | C_LEVEL HR
CIO/CTO | C_LEVEL IT
Geschäftsführer | C_LEVEL MANAGEMENT
Geschäftsführerin | C_LEVEL MANAGEMENT
Geschäftsführer:in | C_LEVEL MANAGEMENT
Geschäftsführung | C_LEVEL MANAGEMENT
Mitglied der Geschäftsleitung | C_LEVEL MANAGEMENT
Vorstand | C_LEVEL MANAGEMENT
Inhaber | C_LEVEL OWNER
Président-Directeur Général | C_LEVEL MANAGEMENT
PDG | C_LEVEL MANAGEMENT
Gérante | C_LEVEL MANAGEMENT
Director General | C_LEVEL MANAGEMENT
Consejero Delegado | C_LEVEL MANAGEMENT
Dueño | C_LEVEL OWNER
Vice President of Sales | VP SALES
VP, Marketing | VP MARKETING
VP Operations | VP OPERATIONS
SVP Engineering | VP ENGINEERING
Assistant Vice President, Finance | VP FINANCE
Vicepresidente de Ventas | VP SALES
Director of Marketing | DIRECTOR MARKETING
Director of Marketing and Sales | DIRECTOR MARKETING
Director, Business Insights & Strategy | DIRECTOR -
Sr. Director, IT | DIRECTOR IT
Director Sales DACH | DIRECTOR SALES
Director Customer Success | DIRECTOR SUPPORT
Directrice des ressources humaines | DIRECTOR HR
Directeur commercial | DIRECTOR SALES
Directora de Compras | DIRECTOR PURCHASING
Assistant Director of Finance | DIRECTOR FINANCE
General Manager | DIRECTOR MANAGEMENT
Head of Sales | HEAD SALES
Head of Revenue Operations | HEAD SALES
Head of Product | HEAD PRODUCT
Leiter Einkauf | HEAD PURCHASING
Leiter(in) Vertrieb | HEAD SALES
Vertriebsleiterin | HEAD SALES
Leitung Marketing | HEAD MARKETING
Personalleiter | HEAD HR
Einkaufsleitung | HEAD PURCHASING
IT-Leiter | HEAD IT
Leiterin Qualitätsmanagement | HEAD OPERATIONS
Responsable marketing | HEAD MARKETING
Responsable des achats | HEAD PURCHASING
Jefe de Ventas | HEAD SALES
Chief of Staff | HEAD MANAGEMENT
Marketing Manager | MANAGER MARKETING
Sales Operations Manager | MANAGER SALES
Product Marketing Manager | MANAGER MARKETING
Product Manager | MANAGER PRODUCT
IT Sales Manager | MANAGER SALES
Senior Manager, Procurement | MANAGER PURCHASING
Purchasing Manager IT | MANAGER PURCHASING
Engineering Manager | MANAGER ENGINEERING
Teamleitung Vertrieb | MANAGER SALES
Projektleitung IT | MANAGER IT
IT Project Lead | MANAGER IT
Chef de produit | MANAGER PRODUCT
Gerente de Recursos Humanos | MANAGER HR
Assistant Manager, Operations | MANAGER OPERATIONS
CRM Manager | MANAGER IT
Demand Generation Manager | MANAGER MARKETING
Senior Software Engineer | SENIOR ENGINEERING
Sr. Accountant | SENIOR FINANCE
Lead Developer | SENIOR ENGINEERING
Senior Buyer | SENIOR PURCHASING
Account Executive | STAFF SALES
Key Account Manager | STAFF SALES
Systems Engineer | STAFF ENGINEERING
Sales Engineer | STAFF SALES
Support Engineer | STAFF SUPPORT
HR Business Partner | STAFF HR
Product Owner | STAFF PRODUCT
Business Analyst | STAFF IT
Procurement Specialist | STAFF PURCHASING
Fachkraft Einkauf | STAFF PURCHASING
Buchhalterin | STAFF FINANCE
Compliance Officer | STAFF LEGAL
Acheteuse | STAFF PURCHASING
Juriste d'entreprise | STAFF LEGAL
Assistant to the CEO | STAFF ADMINISTRATION
Executive Assistant to the Managing Director | STAFF ADMINISTRATION
EA to CEO | STAFF ADMINISTRATION
Personal Assistant | STAFF ADMINISTRATION
Assistentin der Geschäftsführung | STAFF ADMINISTRATION
Vorstandsassistentin | STAFF ADMINISTRATION
Assistante de direction | STAFF ADMINISTRATION
Asistente de dirección | STAFF ADMINISTRATION
Marketing Assistant | STAFF ADMINISTRATION
Referent des Vorstands | STAFF -
Advisor to the Board | STAFF -
Research Assistant | STAFF ADMINISTRATION
Marketing Intern | INTERN MARKETING
CEO Intern | INTERN MANAGEMENT
Praktikantin Vertrieb | INTERN SALES
Werkstudent | INTERN -
Stagiaire RH | INTERN HR
PhD Student | INTERN -
Internal Auditor | STAFF FINANCE
R&D | - ENGINEERING
Vertriebsinnendienst | - SALES
Former CEO | - -
Ex-CEO | - -
Aspiring founder | - -
採購經理 | - -
Rockstar | - -
Student Affairs Director | DIRECTOR -
VP Go to Market | VP SALES
"""


def rows() -> list[tuple[str, Title]]:
    told = []
    for line in TITLES.strip().splitlines():
        written, _, meaning = line.rpartition(" | ")
        seniority, function = (one.replace("-", "") for one in meaning.split())
        told.append((written, Title(seniority, function)))
    return told


@pytest.mark.parametrize(("written", "meant"), rows())
def test_a_title_is_read_as_people_mean_it(written: str, meant: Title) -> None:
    assert titles.read(written) == meant


@pytest.mark.parametrize(("written", "meant"), rows()[:90:7])
def test_case_does_not_change_a_title(written: str, meant: Title) -> None:
    assert titles.read(written.upper()) == titles.read(written.lower()) == meant


@given(st.text(max_size=400))
def test_any_text_reads_as_a_known_rank_and_function_or_none(text: str) -> None:
    read = titles.read(text)
    assert read.seniority in {"", *dict(titles.SENIORITIES)}
    assert read.function in {"", *dict(titles.FUNCTIONS)}


def test_every_word_of_the_tables_has_a_rank_or_function_there_is() -> None:
    ranks, functions = dict(titles.SENIORITIES), dict(titles.FUNCTIONS)
    assert set(titles.title_words.RANKS.values()) <= set(ranks)
    assert set(titles.title_words.FUNCTIONS.values()) <= {*functions, ""}
    assert {what for _, what in titles.title_words.STEMS} <= set(functions)


@pytest.mark.parametrize("nothing", ["", " ", "-", "???", "/", "&"])
def test_signs_alone_say_nothing(nothing: str) -> None:
    assert titles.read(nothing) == Title()
